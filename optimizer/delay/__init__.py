"""How likely and how long each flight will be late, as it can be known two hours before it should depart."""
