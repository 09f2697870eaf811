//! The tab "URL & CORS" by accessible name.
