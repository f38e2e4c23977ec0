// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class AudienceTest {
  private static final String CLIENT_ID = "11111111-2222-3333-4444-55555555abcd";

  private final Audience audience =
      Audience.of("api://" + CLIENT_ID, CLIENT_ID, "https://api.example/photos/");

  @Test
  void aV2TokenNamesTheClientIdAndNothingElse() {
    assertThat(audience.acceptsV2(CLIENT_ID)).isTrue();
    assertThat(audience.acceptsV2("api://" + CLIENT_ID)).isFalse();
    assertThat(audience.acceptsV2(CLIENT_ID + "/")).isFalse();
    assertThat(audience.acceptsV2("https://api.example/photos")).isFalse();
  }

  @Test
  void aV1TokenNamesAnyFormWithOrWithoutOneSlash() {
    assertThat(audience.acceptsV1(CLIENT_ID)).isTrue();
    assertThat(audience.acceptsV1("api://" + CLIENT_ID)).isTrue();
    assertThat(audience.acceptsV1("api://" + CLIENT_ID + "/")).isTrue();
    assertThat(audience.acceptsV1("https://api.example/photos")).isTrue();
    assertThat(audience.acceptsV1("https://api.example/photos/")).isTrue();

    assertThat(audience.acceptsV1("https://api.example/photos//")).isFalse();
    assertThat(audience.acceptsV1("HTTPS://api.example/photos")).isFalse();
    assertThat(audience.acceptsV1("https://api.example")).isFalse();
    assertThat(audience.acceptsV1(CLIENT_ID + "/")).isFalse();
  }

  @Test
  void aConfiguredClientIdMayBeInUpperCase() {
    assertThat(Audience.of("11111111-2222-3333-4444-55555555ABCD").acceptsV2(CLIENT_ID)).isTrue();
  }

  @Test
  void namesThatAreNeitherGuidNorUriAreRefused() {
    for (String name : new String[] {"", "photos", "1-1-1-1-1", "api:", "a b"}) {
      assertThatIllegalArgumentException().as(name).isThrownBy(() -> Audience.of(name));
    }
    assertThatIllegalArgumentException().isThrownBy(() -> Audience.of());
  }
}
