"""The bill of materials of a bundle, in CycloneDX 1.6."""

import os
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.factory.license import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, Property, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

if TYPE_CHECKING:
    from licences import Found

OURS = "pkg:pypi/cnnstudio@"


def bill_of(found: Iterable["Found"]) -> str:
    """As JSON that its schema accepts: what the bundle is, and each part with its licence and number of files.

    Raises:
        ValueError: the schema does not accept it.
    """
    bill, parts = Bom(), list(found)
    components = {each.purl: _component(each) for each in parts}
    ours = next(purl for purl in components if purl.startswith(OURS))
    bill.metadata.component = components.pop(ours)
    bill.components = components.values()
    bill.register_dependency(bill.metadata.component, components.values())
    # The same contents give the same file.
    bill.metadata.timestamp = datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", time.time())), UTC)
    bill.serial_number = uuid5(NAMESPACE_URL, " ".join(sorted([ours, *components])))
    text = make_outputter(bill, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=1)
    if (wrong := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)) is not None:
        raise ValueError(f"the bill of materials is not CycloneDX 1.6: {wrong}")
    return text


def _component(found: "Found") -> Component:
    part = found.part
    ours = found.purl.startswith(OURS)
    return Component(
        name=part.name,
        version=part.version or None,
        type=ComponentType.APPLICATION if ours else ComponentType.LIBRARY,
        bom_ref=found.purl,
        purl=PackageURL.from_string(found.purl),
        licenses=[LicenseFactory().make_from_string(part.licence)],
        external_references=[ExternalReference(type=ExternalReferenceType.WEBSITE, url=XsUri(part.source.split()[0]))]
        if part.source
        else (),
        properties=[Property(name="cnnstudio:files", value=str(len(found.files)))],
    )
