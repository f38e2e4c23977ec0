// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.trackunit.fabric.core.Secret;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class EnvironmentTest {
  @Test
  void valuesAreTypedAndAbsentOnesHaveTheirDefault() {
    Environment environment =
        Environment.of(
            Map.of(
                "NAME",
                "n",
                "PORT",
                "0",
                "URL",
                "https://h:1/p",
                "WAIT",
                "PT2S",
                "PASS",
                "s",
                "EMPTY",
                ""));
    Supplier<String> name = environment.text("NAME").required();
    Supplier<Integer> port = environment.port("PORT").required();
    Supplier<URI> uri = environment.uri("URL").required();
    Supplier<Duration> wait = environment.duration("WAIT").orElse(Duration.ofSeconds(9));
    Supplier<Secret> pass = environment.secret("PASS").required();
    Supplier<Integer> other = environment.port("OTHER").orElse(5672);
    Supplier<Optional<String>> empty = environment.text("EMPTY").optional();
    environment.verify();

    assertThat(name.get()).isEqualTo("n");
    assertThat(port.get()).isZero();
    assertThat(uri.get()).isEqualTo(URI.create("https://h:1/p"));
    assertThat(wait.get()).isEqualTo(Duration.ofSeconds(2));
    assertThat(pass.get()).isEqualTo(Secret.of("s"));
    assertThat(other.get()).isEqualTo(5672);
    assertThat(empty.get()).isEmpty();
  }

  @Test
  void everyMistakeIsToldAtOnceWithoutAnyValue() {
    Environment environment =
        Environment.of(
            Map.of("PORT", "hunter2", "BIG", "70000", "URL", "hunter2", "WAIT", "PT-1S"));
    Supplier<String> name = environment.text("NAME").required();
    environment.secret("PASS").required();
    environment.port("PORT").required();
    environment.port("BIG").orElse(1);
    environment.uri("URL").optional();
    environment.duration("WAIT").required();
    environment.mistake("A and B exclude each other: set one");

    assertThatThrownBy(environment::verify)
        .isInstanceOfSatisfying(
            EnvironmentException.class,
            e -> {
              assertThat(e.mistakes()).hasSize(7);
              assertThat(e)
                  .hasMessageContaining("NAME is not set, expected text")
                  .hasMessageContaining("PASS is not set")
                  .hasMessageContaining("PORT has another form, expected a port, 0 to 65535")
                  .hasMessageContaining("BIG has another form")
                  .hasMessageContaining("URL has another form")
                  .hasMessageContaining("WAIT has another form")
                  .hasMessageContaining("A and B exclude each other");
              assertThat(e.getMessage()).doesNotContain("hunter2");
              assertThat(e.isRetryable()).isFalse();
            });
    assertThatIllegalStateException().isThrownBy(name::get).withMessageContaining("NAME");
  }

  @Test
  void rabbitAccessReadsTheNamesInUseAndHidesThePassword() {
    Environment environment =
        Environment.of(Map.of("RABBIT_HOST", "h", "RABBIT_USER", "u", "RABBIT_PASS", "hunter2"));
    Supplier<RabbitAccess> access = RabbitAccess.from(environment);
    environment.verify();

    assertThat(access.get()).isEqualTo(new RabbitAccess("h", 5672, "u", Secret.of("hunter2"), "/"));
    assertThat(access.get().toString()).doesNotContain("hunter2");
  }
}
