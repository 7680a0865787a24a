"""What a case is and how it may move. Pure: knows neither SQL nor the web; `rasoat.store` keeps it, `review_ui` shows it."""
