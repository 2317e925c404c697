# What one does with Plaza's source. `make help` lists it.
#
# Work is done once: npm's packages when package-lock.json changes, assets when ui/
# changes, the binary when anything that goes into it changes.

.DEFAULT_GOAL := help
SHELL := /bin/sh
# A person's own settings (PLAZA_ADDR, PLAZA_DATA, …) pass through to bin/plaza.

sources := $(shell find cmd internal ui -type f -not -path "ui/dist/*" -not -path "*/node_modules/*" -not -name "*_test.go" 2>/dev/null) go.mod go.sum
styles  := $(shell find ui/css ui/ts ui/icons.txt ui/mark.svg ui/favicon.svg internal/tool/assets -type f 2>/dev/null)

# servers that we did not write, for tests: each has a package file of its own
others := $(patsubst %/package-lock.json,%/node_modules/.package-lock.json,internal/civic/account/oidctest/package-lock.json internal/civic/outbox/maildev/package-lock.json)

.PHONY: help run build assets test check lint audit fuzz bench acceptance test-shared schema clean

help: ## muestra esta ayuda
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: bin/plaza ## prepara lo que falte, carga la demostración si no hay datos y sirve en http://localhost:8080
	@bin/plaza demo --if-empty
	@exec bin/plaza serve --admin "$${PLAZA_ADMIN:-administracion@plaza.example}"

build: bin/plaza ## deja el programa en bin/plaza

assets: ui/dist/manifest.json ## estilos, programas, letras e iconos de las páginas, en ui/dist

test: assets $(others) ## todas las pruebas: unidades, SQLite y PostgreSQL, HTTP y navegador
	@scripts/prepare test
	@scripts/inmemory go run ./internal/tool/withpostgres -- scripts/test

lint: assets ## formato, análisis del código, dependencias, tipos y reglas de la casa
	@scripts/lint

check: lint test ## lint y test: lo que se pide antes de integrar un cambio

audit: assets internal/tool/audit/lighthouse/node_modules/.package-lock.json ## recorre el sitio entero: enlaces, documentos, pesos y Lighthouse
	@scripts/prepare test
	@go run ./internal/tool/audit

fuzz: ## busca entradas que rompan los lectores; FUZZTIME=30s por cada uno
	@scripts/fuzz $(FUZZTIME)

bench: assets ## las cifras de velocidad, en una tabla
	@scripts/prepare test bench
	@go run ./internal/tool/withpostgres -- go run ./internal/tool/bench

acceptance: bin/plaza ## kill -9, corte de energía y disco lleno (como root)
	@scripts/prepare acceptance
	@go test -tags acceptance -count=1 -timeout 30m -v ./internal/tool/acceptance

test-shared: ## lee los catálogos y las tablas reales de una carpeta: DIR=ruta
	@test -d "$(DIR)" || { echo "make test-shared DIR=ruta: la carpeta con los datos compartidos" >&2; exit 2; }
	@PLAZA_SHARED_DATA="$(abspath $(DIR))" go test -tags shared -count=1 -timeout 60m -run Shared -v ./internal/section/catalog/... ./internal/base/tabular/... ./internal/section/explore ./internal/site

schema: ## escribe docs/schema.sql a partir de las migraciones
	@go run ./internal/tool/schema > docs/schema.sql.new && mv docs/schema.sql.new docs/schema.sql

clean: ## borra lo construido; los datos en ./data se quedan
	rm -rf bin node_modules
	find ui/dist -type f -not -name placeholder.txt -delete

bin/plaza: ui/dist/manifest.json $(sources)
	@command -v go >/dev/null || { echo "Falta Go 1.26 o posterior." >&2; exit 1; }
	@command -v gcc >/dev/null || command -v clang >/dev/null || { echo "Falta un compilador de C: gcc." >&2; exit 1; }
	go build -o bin/plaza ./cmd/plaza

ui/dist/manifest.json: node_modules/.package-lock.json $(styles)
	go run ./internal/tool/assets

node_modules/.package-lock.json: package.json package-lock.json
	@command -v npm >/dev/null || { echo "Falta Node.js 20 o posterior, con npm." >&2; exit 1; }
	npm ci
	@touch node_modules/.package-lock.json

internal/tool/audit/lighthouse/node_modules/.package-lock.json: internal/tool/audit/lighthouse/package-lock.json
	PUPPETEER_SKIP_DOWNLOAD=1 npm ci --prefix internal/tool/audit/lighthouse
	@touch $@

$(others): %/node_modules/.package-lock.json: %/package-lock.json
	npm ci --prefix $*
	@touch $@
