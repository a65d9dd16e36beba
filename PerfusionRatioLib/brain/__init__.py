"""Where the brain is in an image, and how the coil sees it: what alignment and segmentation both build on."""
