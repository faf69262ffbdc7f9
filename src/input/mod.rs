//! How a person presses something: buttons by the GPIO character device, keys and touch by evdev, codes before the lens.
