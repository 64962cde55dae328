"""A closed study as a folder of files for any web server; `studyapp.web.published` makes its pages."""
