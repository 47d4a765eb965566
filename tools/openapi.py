"""`python -m tools.openapi`: write the description of the desk's API to docs/openapi.json, as it is served."""

import json
import os
import tempfile
from pathlib import Path

PLACE = Path(__file__).parent.parent / "docs" / "openapi.json"


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "bihuan.desk.settings"
    os.environ["BIHUAN_HOME"] = tempfile.gettempdir()
    os.environ["BIHUAN_SECRET_KEY"] = "only to write the description"
    import django

    django.setup()
    from bihuan.desk.api.root import api

    PLACE.write_text(json.dumps(api.get_openapi_schema(), ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
