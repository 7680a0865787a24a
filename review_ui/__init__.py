"""The review site: pages and their JSON for reviewers, approvers, senders and auditors. Knows neither crawlers nor flows."""
