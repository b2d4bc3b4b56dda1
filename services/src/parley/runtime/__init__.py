"""What every process needs around its role: settings, logs, metrics, health, an orderly end."""
