"""The digital patients that are offered, by scenario; no more is known of them when Slicer starts."""

SCENARIOS = {
    "recurrence": "Recurrence",
    "necrosis": "Radiation necrosis, not leaking",
    "leaky-necrosis": "Radiation necrosis, leaking (recurrence by rKtrans, necrosis by rVp)",
    "never-hyperperfused": "Never hyperperfused",
    "new-hyperperfusion": "New hyperperfusion",
    "two-lesions": "Two lesions",
}
