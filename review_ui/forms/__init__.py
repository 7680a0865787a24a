"""From what was typed to commands of the domain. A mistake is reported beside its field and nothing typed is lost."""
