"""The torture of the ballot path: servers killed, requests dropped and repeated, clocks wrong, disks full."""
