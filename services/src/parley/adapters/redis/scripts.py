"""Changes that must not be torn apart, each on one key."""

from typing import Final

DELETE_IF_EQUAL: Final = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""

PROLONG_IF_EQUAL: Final = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 0
"""

DROP_FIELD_IF_EQUAL: Final = """
if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then redis.call('HDEL', KEYS[1], ARGV[1]) end
for _, value in ipairs(redis.call('HVALS', KEYS[1])) do
    if value == ARGV[2] then return 1 end
end
return 0
"""
"""Answers whether another field still has that value."""
