"""The demo company: four source systems' deliveries with made-up people, real order histories and a known truth.

Here belongs what invents deliveries. What reads them (ingestion, evaluation) does not, and nothing in the
pipeline imports this package.
"""

from sample_data.generator import DemoSummary, generate
from sample_data.rates import ErrorRates

__all__ = ["DemoSummary", "ErrorRates", "generate"]
