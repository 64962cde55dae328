"""The plots of the report: drawn for grey print, labelled, and the same bytes every time."""
