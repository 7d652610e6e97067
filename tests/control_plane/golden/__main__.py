"""`python -m tests.control_plane.golden`: rewrite every output and delete those whose configuration is gone."""

import tempfile
from pathlib import Path

from tests.control_plane.golden import EXAMPLE, example, inputs, model_of, orphans, output_of, rendered
from tests.harness.certificates import make_certificate


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        certificate = make_certificate(Path(folder), ["app.example.com"])
        for configuration in inputs():
            output_of(configuration).write_text(rendered(model_of(configuration, certificate)), "utf-8")
            print(output_of(configuration).name)
        EXAMPLE.write_text(example(certificate), "utf-8")
        print(EXAMPLE.name)
    for orphan in orphans():
        orphan.unlink()
        print(f"{orphan.name} deleted")


if __name__ == "__main__":
    main()
