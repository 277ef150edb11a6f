# Zwei Befehle genügen: „make chat“ und „make test“. Beide richten beim ersten Mal alles Nötige ein.
#
#   OFFLINE=1      keine Gesetzestexte holen und torch nicht bei PyTorch suchen; liegen Pakete in WHEELS, kein Netz
#   WHEELS=ordner  Pakete aus diesem Ordner statt aus dem Netz installieren
#   PYTHON=…       ein bestimmtes Python ab 3.11
#   PORT=…         anderer Port der Chatseite

PYTHON ?= python3
WHEELS ?= wheels
OFFLINE ?=
PORT ?=
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
FOUND := $(wildcard $(WHEELS)/*.whl)
SOURCE := $(if $(FOUND),--no-index --find-links $(WHEELS),)
TORCH_CPU := https://download.pytorch.org/whl/cpu
# Fünf Sekunden für die Verbindung, dann wird ohne diese Quelle weitergemacht.
REACHABLE = $(BIN)/python -c "import socket; socket.create_connection(('download.pytorch.org', 443), 5)" 2>/dev/null

.PHONY: chat test check index wheels clean

chat: $(VENV)/.bereit index
	@$(BIN)/leitplanke serve $(if $(PORT),--port $(PORT))

index: $(VENV)/.bereit
	@if [ -z "$(OFFLINE)" ] && [ ! -e corpus/amtlich.lock ] && [ ! -e index/CURRENT ]; then \
	  echo "Amtliche Gesetzestexte: einmaliger Versuch (höchstens fünf Sekunden bis zur Verbindung) …"; \
	  $(BIN)/leitplanke corpus fetch --kurz || echo "Ohne amtliche Texte weiter: Es werden Kurzfassungen zitiert."; \
	fi
	@[ -e index/CURRENT ] || { echo "Index bauen (etwa eine Minute) …"; $(BIN)/leitplanke index build; }

test: $(VENV)/.bereit $(VENV)/.test
	$(BIN)/ruff check assistant tests
	$(BIN)/mypy
	$(BIN)/python -m pytest

$(VENV)/bin/python:
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || { echo "Python ab 3.11 wird gebraucht; mit PYTHON=… angeben."; exit 1; }
	$(PYTHON) -m venv $(VENV)

# torch zuerst und allein: die allgemeine Fassung brächte mehrere Gigabyte Grafikkarten-Pakete mit.
$(VENV)/.bereit: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "Umgebung einrichten (erstes Mal etwa zehn Minuten, 2 GB: torch laden und llama.cpp übersetzen) …"
	@if [ -n "$(FOUND)" ]; then $(PIP) install -q $(SOURCE) torch==2.13.0; \
	elif [ -z "$(OFFLINE)" ] && $(REACHABLE); then $(PIP) install -q --index-url $(TORCH_CPU) torch==2.13.0 || $(PIP) install -q torch==2.13.0; \
	else $(PIP) install -q torch==2.13.0; fi
	$(PIP) install -q $(SOURCE) -c constraints.txt setuptools
	$(PIP) install -q $(SOURCE) -c constraints.txt --no-build-isolation -e .
	@$(PIP) install -q $(SOURCE) -c constraints.txt llama-cpp-python > $(VENV)/llama.log 2>&1 \
	  || echo "llama-cpp-python ließ sich nicht übersetzen (siehe $(VENV)/llama.log): Der Assistent arbeitet ohne Sprachmodell."
	@touch $@

$(VENV)/.test: $(VENV)/.bereit
	$(PIP) install -q $(SOURCE) -c constraints.txt --no-build-isolation -e ".[test]"
	@touch $@

# Alle Pakete in den Ordner WHEELS holen, um ohne Internet zu installieren (auf einem Rechner gleicher Bauart).
wheels: $(VENV)/bin/python
	@if $(REACHABLE); then $(PIP) wheel -q -w $(WHEELS) --index-url $(TORCH_CPU) torch==2.13.0; else $(PIP) wheel -q -w $(WHEELS) torch==2.13.0; fi
	$(PIP) wheel -q -w $(WHEELS) --find-links $(WHEELS) -c constraints.txt setuptools ".[modell,test]"

clean:
	rm -rf $(VENV) build *.egg-info
