#!/usr/bin/env bash
# Builds the sample shop with dbt and DuckDB in a temporary folder and renews target/manifest.json and
# target/catalog.json here. Needs python3 (3.10 to 3.13) with pip; changes nothing else on the machine.
#   bash examples/shop/regenerate.sh            (DBT=/path/to/dbt uses a dbt that is installed already)
set -euo pipefail

shop=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [[ -z "${DBT:-}" ]]; then
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install --quiet --disable-pip-version-check \
    dbt-core==1.11.16 dbt-duckdb==1.10.1 duckdb==2.0.0
  DBT="$work/venv/bin/dbt"
fi

# dbt writes logs, its database and its target folder beside the project: it gets a copy to do so.
cp -R "$shop" "$work/shop"
cd "$work/shop"
rm -rf target
export DBT_PROFILES_DIR="$PWD" DBT_SEND_ANONYMOUS_USAGE_STATS=false SHOP_DATABASE="$work/shop.duckdb"
"$DBT" --no-use-colors seed
"$DBT" --no-use-colors build --full-refresh
cp target/manifest.json "$work/manifest.json"
# The manifest of the build is the one to keep: what docs generate compiles afterwards holds the incremental
# model's code for a second run, not the code that made the table.
"$DBT" --no-use-colors docs generate

python3 - "$work" "$shop/target" <<'PYTHON'
"""Takes out of dbt's two files what belongs to this machine or this moment, and what nobody reads.

- `root_path` (where the project lay), invocation ids, times: so that the same project gives the same bytes;
- the macros and documentation blocks of dbt's own packages: three quarters of the size.
Both files stay valid for their schemas (manifest v12, catalog v1).
"""
import json, pathlib, sys

work, target = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
manifest = json.loads((work / "manifest.json").read_text())
catalog = json.loads((work / "shop/target/catalog.json").read_text())

MOMENT = "2025-07-01T00:00:00Z"
for file in (manifest, catalog):
    metadata = file["metadata"]
    metadata.update(generated_at=MOMENT, invocation_id=None, env={})
    metadata.pop("invocation_started_at", None)
    metadata.pop("run_started_at", None)
manifest["metadata"]["user_id"] = None
manifest["macros"] = {}
manifest["docs"] = {key: doc for key, doc in manifest["docs"].items() if doc["package_name"] == "shop"}
for thing in [*manifest["nodes"].values(), *manifest["sources"].values(), *manifest["docs"].values()]:
    if "root_path" in thing:
        thing["root_path"] = None
    if "created_at" in thing:
        thing["created_at"] = 0

target.mkdir(exist_ok=True)
for name, file in (("manifest.json", manifest), ("catalog.json", catalog)):
    text = json.dumps(file, indent=1) + "\n"
    for trace in (str(work), str(pathlib.Path.home()), str(target.parent)):
        if len(trace) > 1 and trace in text:
            sys.exit(f"{name} still holds {trace}: extend this script")
    (target / name).write_text(text)
    print(f"target/{name}: {len(text):,} bytes")
PYTHON
