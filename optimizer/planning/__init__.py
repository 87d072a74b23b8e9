"""The coming weeks: which aircraft types fly a route, how often, and how long the timetable says that takes."""
