"""Training, export, quantisation and calibration of the bundles that lentigo runs."""

__version__ = "1.0.0"
