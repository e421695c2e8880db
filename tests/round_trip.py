"""Examples in docs/examples of which `ipvl-ctl import` cannot make the same rows again, each with the reason."""

NO_ROUND_TRIP = {
    "addresses.yaml": "the kernel shows no difference between `lifetime: forever` and nothing declared",
    "cards.yaml": "the cards are not there; import has the name of a card, not a label",
    "host-access.yaml": "`host-access` is routes there",
    "match.yaml": "import has the name of the card, not a label",
    "namespaces.yaml": "the processes and namespaces that it names are not there",
    "policy.yaml": "a source routing is routes and rules there",
    "proxy-arp.yaml": "`host-access` is routes there, and nobody can say who set a sysctl of the card",
    "settings.yaml": "what ipvl does about drift is not in the kernel, nor what is as on a new device",
}
