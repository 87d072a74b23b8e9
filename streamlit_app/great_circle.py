"""The shortest way between two places on a map: points of the great circle."""

from math import asin, atan2, cos, degrees, radians, sin, sqrt

Place = tuple[float, float]
"""Longitude and latitude in degrees."""


def great_circle(start: Place, end: Place, steps: int = 24) -> list[Place]:
    """`steps` + 1 points from start to end; longitudes go on past ±180 rather than jump, so that a line stays one."""
    (lon1, lat1), (lon2, lat2) = (tuple(map(radians, place)) for place in (start, end))
    angle = 2 * asin(min(1.0, sqrt(sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2)))
    if angle == 0 or sin(angle) < 1e-9:  # the same place, or opposite ones, between which every way is as short
        return [start, end]
    points: list[Place] = []
    for step in range(steps + 1):
        a = sin((1 - step / steps) * angle) / sin(angle)
        b = sin(step / steps * angle) / sin(angle)
        x = a * cos(lat1) * cos(lon1) + b * cos(lat2) * cos(lon2)
        y = a * cos(lat1) * sin(lon1) + b * cos(lat2) * sin(lon2)
        z = a * sin(lat1) + b * sin(lat2)
        lon, lat = degrees(atan2(y, x)), degrees(atan2(z, sqrt(x * x + y * y)))
        points.append((lon, lat))
    return unrolled(points)


def unrolled(line: list[Place]) -> list[Place]:
    """The same line without jumps between 180 and -180: it goes on beyond."""
    points = line[:1]
    for lon, lat in line[1:]:
        points.append((lon + 360 * round((points[-1][0] - lon) / 360), lat))
    return points
