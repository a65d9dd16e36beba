"""The whole way of a user: from images to the reading."""

from patients import load, seeds_of


def test_from_a_digital_patient_to_the_reading_in_ten_clicks(user, panel, host):
    """With nothing but the panel and the views."""
    seeds = seeds_of("recurrence")
    user.click(panel.ui.tryButton)
    user.click(user.maps.ui.computeButton)
    user.outline(seeds["pre"][0])
    user.click(panel.ui.followUpButton)
    user.outline(seeds["follow_up"][0])
    user.click(user.comparison.ui.compareButton)
    assert user.message() == ""
    assert "favours recurrent metastasis" in panel.parameters.reading.lower()
    assert panel.parameters.ratio_table.GetNumberOfRows() == 2
    assert len(user.clicks) <= 10, user.clicks


def test_from_loaded_images_to_the_reading_in_ten_clicks(user, panel, host):
    """Images of two studies are in the scene, as the DICOM module leaves them; the module is opened."""
    seeds = load("recurrence", host)
    panel.enter()
    assert "chosen by their dates and names" in user.message()
    user.click(user.maps.ui.computeButton)
    user.outline(seeds["pre"][0])
    user.click(panel.ui.followUpButton)
    user.outline(seeds["follow_up"][0])
    user.click(user.comparison.ui.compareButton)
    assert "favours recurrent metastasis" in panel.parameters.reading.lower()
    assert len(user.clicks) <= 10, user.clicks
