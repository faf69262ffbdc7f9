//! A model bundle: a signed folder with manifest, graphs, golden case and card.
