"""The pages of a published site: files made with the application's templates, but of no request."""
