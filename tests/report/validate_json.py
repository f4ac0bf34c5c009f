"""validate_json.py SCHEMA DOCUMENT: exit 1 and a line for everything in DOCUMENT that a JSON schema, draft 7, forbids."""

import json
import sys

import jsonschema


def main(schema_path, document_path):
    with open(schema_path, encoding="utf-8") as file:
        schema = json.load(file)
    with open(document_path, encoding="utf-8") as file:
        document = json.load(file)
    jsonschema.Draft7Validator.check_schema(schema)
    errors = list(jsonschema.Draft7Validator(schema).iter_errors(document))
    for error in errors:
        print("/".join(str(step) for step in error.absolute_path) + ": " + error.message)
    return 1 if errors else 0


sys.exit(main(*sys.argv[1:]))
