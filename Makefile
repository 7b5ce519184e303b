# Everything starts here; `make help` lists it. ARGS passes options on: make up ARGS='--data DIR --port N'
SHELL := /bin/bash
.DEFAULT_GOAL := help
ARGS ?=

# Byte-code halves the start of every process, so a shell that forbids it must not reach the recipes.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help up demo test bench bench-large eval lint lock

help: ## Daftar perintah
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 21

up: ## Pasang yang belum ada, lalu jalankan Arsiparis (ARGS='--data DIR --port N')
	@scripts/setup.sh run
	@.venv/bin/arsip up $(ARGS)

demo: ## Seperti up, ditambah surat contoh dan satu pencarian
	@scripts/setup.sh run
	@.venv/bin/arsip demo $(ARGS)

test: ## Pasang alat uji, lalu semua pemeriksaan dan uji, termasuk uji di peramban
	@scripts/setup.sh dev
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/pytest --numprocesses 2 --dist loadfile $(ARGS)

lint: ## Hanya pemeriksaan kode, tanpa uji
	@scripts/setup.sh dev
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports

bench: ## Ukur kecepatan dan tampilkan tabelnya (ARGS='--only accept': hanya mulai, memori, dan penerimaan surat)
	@scripts/setup.sh dev
	@.venv/bin/python -m tests.bench $(ARGS)

bench-large: ## Isi arsip sampai sejuta surat, ukur pencarian, gambar pertumbuhannya (ARGS='--sizes 10000')
	@scripts/setup.sh dev
	@.venv/bin/python -m tests.large $(ARGS)

eval: ## Ukur ketepatan baca: teks, jenis, isian (ARGS='--peers' membandingkan dengan pembaca lain, ARGS='--search' mengukur pencarian)
	@scripts/setup.sh dev
	@.venv/bin/python -m tests.evaluate $(ARGS)

lock: ## Kunci ulang versi semua paket Python
	@scripts/setup.sh dev
	@scripts/lock.sh
