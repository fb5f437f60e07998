"""What is said before a person agrees that new versions are looked for; the same wherever it is asked."""

LOOK_WEEKLY = "Look for a new version once a week"
WHAT_IS_SENT = "One request for the newest version number; nothing about you or your pictures is sent."
