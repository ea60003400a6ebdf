"""The key of an account comes from the environment and is never shown."""

import pytest

from pipeline.errors import SettingsError
from pipeline.settings import Credentials, load_credentials


class TestCredentials:
    def test_a_pair_or_a_team_key(self) -> None:
        pair = load_credentials({"HEYMARKET_SECRET_ID": "i", "HEYMARKET_SECRET_KEY": "k", "HEYMARKET_API_KEY": "a"})
        assert (pair.secret_id, pair.secret_key, pair.api_key, pair.label) == ("i", "k", "", "i")
        key = load_credentials({"HEYMARKET_API_KEY": " a "})
        assert key.api_key == "a"
        assert len(key.label) == 64

    @pytest.mark.parametrize("name", ["HEYMARKET_SECRET_ID", "HEYMARKET_SECRET_KEY"])
    def test_half_a_pair_is_refused(self, name: str) -> None:
        with pytest.raises(SettingsError, match="its other half is"):
            load_credentials({name: "x"})

    def test_none_at_all_says_how(self) -> None:
        with pytest.raises(SettingsError, match="hmpipe sandbox"):
            load_credentials({})

    def test_they_are_never_shown(self) -> None:
        assert "k" not in repr(Credentials("i", "k", "a")).removeprefix("Credentials")
