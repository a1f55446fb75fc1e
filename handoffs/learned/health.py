"""Whether the trained models that come with the product can be used."""

from handoffs.learned import feelings, repeats, requests, vectors, weights


def problems() -> tuple[str, ...]:
    """One sentence for each model whose file is missing or broken."""
    for read in (feelings.shipped, repeats.shipped, requests.shipped, vectors.shipped):
        read()
    return weights.problems()
