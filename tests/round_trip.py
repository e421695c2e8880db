"""Examples in docs/examples of which `ipvl-ctl import` cannot make the same rows again, each with the reason."""

NO_ROUND_TRIP = {
    "addresses.yaml": "the kernel shows no difference between `lifetime: forever` and nothing declared",
    "cards.yaml": "the cards are not there; import has the name of a card, not a label",
    "handed-over.yaml": "addresses that are reserved are not in the kernel",
    "host-access.yaml": "`host-access` is routes there",
    "match.yaml": "import has the name of the card, not a label",
    "namespaces.yaml": "the processes and namespaces that it names are not there",
    "pool.yaml": "the kernel has addresses, and not which pool they are of",
    "policy.yaml": "a source routing is routes and rules there",
    "proxy-arp.yaml": "`host-access` is routes there, and nobody can say who set a sysctl of the card",
    "settings.yaml": "what ipvl does about drift and at boot is not in the kernel, nor what is as on a new device",
}
