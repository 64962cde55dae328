"""The pages of a site beside its studies: the list of studies, and making a new one."""
