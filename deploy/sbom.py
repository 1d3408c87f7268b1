"""What a box is made of, as CycloneDX 1.6: ``python deploy/sbom.py FILE``.

From the lock alone: every Python package with its hashes, and which of them need which others is
left to the lock. Debian's packages are Debian's to list.
"""

import json
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


def bill(project: dict[str, Any], lock: dict[str, Any]) -> dict[str, Any]:
    """The bill of materials.

    Args:
        project: The ``[project]`` table of ``pyproject.toml``.
        lock: The lock: packages with the names and hashes of their wheels.
    """
    own = component(project["name"], project["version"], {})
    own["licenses"] = [{"license": {"id": project["license"]}}]
    parts = [component(one["name"], one["version"], one) for one in lock["packages"]]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": own | {"type": "application"}},
        "components": parts,
        "dependencies": [{"ref": own["bom-ref"], "dependsOn": [one["bom-ref"] for one in parts]}],
    }


def component(name: str, version: str, package: dict[str, Any]) -> dict[str, Any]:
    """One package: its identity, and each file of it that may be installed."""
    identity = f"pkg:pypi/{name}@{version}"
    files = [
        {
            "type": "file",
            "name": wheel["name"],
            "hashes": [{"alg": "SHA-256", "content": wheel["hashes"]["sha256"]}],
        }
        for wheel in package.get("wheels", ())
    ]
    found = {"type": "library", "bom-ref": identity, "name": name, "version": version}
    return found | {"purl": identity} | ({"components": files} if files else {})


def main() -> None:
    """The command."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lock = (ROOT / "requirements" / "wheels.server.toml").read_text(encoding="utf-8")
    target = Path(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    said = json.dumps(bill(project, tomllib.loads(lock)), indent=1)
    target.write_text(said + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
