#!/usr/bin/env bash
# Installs what is missing to run (`setup.sh run`) or to test (`setup.sh dev`) this checkout; what is in place is left.
set -euo pipefail
cd "$(dirname "$0")/.."
want=${1:?run or dev}
unset PYTHONDONTWRITEBYTECODE
export UV_PYTHON_DOWNLOADS=never UV_NO_PROGRESS=1 PIP_DISABLE_PIP_VERSION_CHECK=1

missing_system_packages() {
  command -v tesseract >/dev/null || echo tesseract-ocr
  compgen -G '/usr/share/tesseract-ocr/*/tessdata/ind.traineddata' >/dev/null || [ -n "${TESSDATA_PREFIX:-}" ] || echo tesseract-ocr-ind
  command -v bwrap >/dev/null || echo bubblewrap
  [ -x .venv/bin/python ] || python3 -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
  if [ "$want" = dev ]; then
    command -v chromium >/dev/null || echo chromium
    compgen -G '/usr/share/fonts/truetype/liberation*' >/dev/null || echo fonts-liberation
    compgen -G '/usr/share/fonts/truetype/dejavu*' >/dev/null || echo fonts-dejavu-core
  fi
}

install_system_packages() {
  local as=() by=""
  if [ "$(id -u)" != 0 ]; then as=(sudo -n); fi
  # whoever has sudo with a password can copy the line as it stands
  if [ "$(id -u)" != 0 ] && command -v sudo >/dev/null; then by="sudo "; fi
  if ! command -v apt-get >/dev/null || { [ ${#as[@]} -gt 0 ] && ! sudo -n true 2>/dev/null; }; then
    echo "Paket sistem belum lengkap. Jalankan baris ini sebagai administrator, lalu ulangi perintah tadi:" >&2
    echo "  ${by}apt-get update && ${by}apt-get install --yes --no-install-recommends $*" >&2
    exit 1
  fi
  echo "Memasang paket sistem: $*" >&2
  "${as[@]}" apt-get update -qq
  "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends "$@" >/dev/null
}

install_python_packages() {
  if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "Arsiparis memerlukan Python 3.11 atau lebih baru; di sini: $(python3 --version)." >&2
    exit 1
  fi
  echo "Memasang paket Python ke .venv …" >&2
  # A half-made environment (a set-up that was stopped) has no pip; made again, it has
  .venv/bin/python -m pip --version >/dev/null 2>&1 || python3 -m venv --clear .venv
  .venv/bin/python -m pip install -qq --require-hashes -r requirements/setup.txt
  local uv=(.venv/bin/uv pip install --quiet --python .venv/bin/python)
  "${uv[@]}" --require-hashes --compile-bytecode -r "requirements/$want.txt"
  "${uv[@]}" --no-deps --no-build-isolation --editable .
}

compile_own_code() {
  # what the reading children alone import is never kept by running: they can write nothing, and would compile at each start
  .venv/bin/python -m compileall -q src workers
}

mapfile -t missing < <(missing_system_packages)
if [ ${#missing[@]} -gt 0 ]; then install_system_packages "${missing[@]}"; fi

# dev.txt holds all of run.txt, so a checkout that was set up for tests is set up for running too
key=$({ pwd; cat requirements/*.txt pyproject.toml scripts/setup.sh scripts/models.* scripts/{gray,integers,wire}.py; } | sha256sum)
for done_for in "$want" dev; do
  if [ "$(cat ".venv/.installed-$done_for" 2>/dev/null)" = "$key" ]; then compile_own_code; exit 0; fi
done
install_python_packages
scripts/models.sh
compile_own_code
echo "$key" >".venv/.installed-$want"
