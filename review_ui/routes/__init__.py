"""The routes, one module a group of pages. They read the request, call the store, and hand a model to `render`."""
