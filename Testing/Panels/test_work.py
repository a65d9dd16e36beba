"""Long work: it can be cancelled, and the scene can be closed beneath it."""

from patients import load


def begun(user, panel, host):
    """A computation that goes on."""
    load("recurrence", host)
    panel.enter()
    panel.parameters.motion = True
    user.click(user.maps.ui.computeButton, wait=False)
    host.pump(lambda: panel.ui.progressBar.isVisible() and panel.ui.progressBar.value > 0, 60, "progress")


def names(host) -> list[str]:
    """Of all nodes."""
    return sorted(host.scene.GetNthNode(number).GetName() for number in range(host.scene.GetNumberOfNodes()))


def test_cancel_leaves_nothing(user, panel, host):
    load("recurrence", host)
    panel.enter()
    before = names(host)
    panel.parameters.motion = True
    user.click(user.maps.ui.computeButton, wait=False)
    host.pump(lambda: panel.ui.progressBar.value > 0, 60, "progress")
    assert "going on" in user.maps.ui.computeButton.toolTip and not user.maps.ui.computeButton.enabled
    user.click(panel.ui.cancelButton)
    assert user.message() == "Cancelled: nothing was changed."
    assert names(host) == before and panel.parameters.pre.ktrans is None
    assert user.maps.ui.computeButton.enabled and not panel.ui.workRow.isVisible()


def test_the_interface_stays_alive_while_work_goes_on(user, panel, host):
    begun(user, panel, host)
    user.click(panel.ui.followUpButton, wait=False)
    assert panel.worker.busy and panel.parameters.shown_visit == "follow_up"
    user.click(panel.ui.cancelButton)


def test_a_scene_that_is_closed_meanwhile_stays_empty(user, panel, host):
    begun(user, panel, host)
    host.close_scene()
    user.wait()
    assert panel.parameters.pre.series is None and panel.parameters.pre.ktrans is None
    assert panel.ui.tryFrame.isVisible()
    assert not [name for name in names(host) if "Ktrans" in name]


def test_an_image_that_goes_while_it_is_computed_leaves_nothing(user, panel, host):
    begun(user, panel, host)
    host.scene.RemoveNode(panel.parameters.pre.series)
    user.wait()
    assert panel.parameters.pre.ktrans is None
    assert "Choose the dynamic series" in user.images.ui.missingLabel.text
