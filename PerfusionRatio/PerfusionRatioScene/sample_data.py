"""The digital patients in the module Sample Data."""

from .scenarios import SCENARIOS


def register(logic, load, thumbnail: str) -> None:
    """Offer the digital patients, which are made on this machine when they are asked for.

    Args:
        logic: the class SampleDataLogic of Slicer's module, which may be switched off.
        load: called with the name of a scenario; returns its nodes.
        thumbnail: file of a picture.
    """
    for scenario, words in SCENARIOS.items():
        logic.registerCustomSampleDataSource(
            category="PerfusionRatio",
            sampleName=f"PerfusionRatio digital patient: {words}",
            uris=[],
            fileNames=[],
            thumbnailFileName=thumbnail,
            customDownloader=lambda source, scenario=scenario: load(scenario),
        )
