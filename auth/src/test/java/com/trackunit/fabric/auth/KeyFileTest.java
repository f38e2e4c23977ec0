// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The last good keys over a restart while the provider is away. */
@Timeout(120)
class KeyFileTest {
  @TempDir private Path folder;
  private final EntraFixture fixture = new EntraFixture();
  private Path file = Path.of("");

  @BeforeEach
  void aFirstLifeLeavesItsKeys() {
    file = folder.resolve("keys.json");
    try (EntraTokenValidator first = fixture.validator().keyFile(file).build()) {
      first.validate(fixture.token().mint());
    }
    fixture.entra.outage(true);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void aRestartDuringAnOutageFindsTheKeysOfTheFormerLife() {
    try (EntraTokenValidator second = fixture.validator().keyFile(file).build()) {
      assertThat(second.health().isUp()).isTrue();
      assertThat(verdict(second)).isEqualTo("accepted");
      assertThat(EntraFixture.verdict(second, unknownKid())).isEqualTo("keys_stale");
    }
  }

  @Test
  void keysOfOthersStayKeysOfOthers() {
    try (EntraTokenValidator second = fixture.validator().keyFile(file).build()) {
      assertThat(second.keyStatus().keys()).isEqualTo(5);
      assertThat(
              EntraFixture.verdict(
                  second,
                  fixture
                      .token()
                      .attack(com.trackunit.fabric.testkit.entra.Attack.KEY_OF_ANOTHER_CLOUD)
                      .mint()))
          .isEqualTo("key_cloud_refused");
      assertThat(
              EntraFixture.verdict(
                  second,
                  fixture
                      .token()
                      .attack(com.trackunit.fabric.testkit.entra.Attack.KEY_OF_ANOTHER_TENANT)
                      .mint()))
          .isEqualTo("key_issuer_refused");
    }
  }

  @Test
  void theFileIsItsOwnersAloneAndNothingIsLeftBesideIt() throws IOException {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void keysThatHaveGrownTooOldMeanwhileDoNotServe() {
    Clock tomorrow =
        Clock.fixed(Clock.systemUTC().instant().plus(Duration.ofHours(25)), ZoneOffset.UTC);
    try (EntraTokenValidator second = fixture.validator().keyFile(file).clock(tomorrow).build()) {
      assertThat(EntraFixture.verdict(second, fixture.token().issuedAt(tomorrow.instant()).mint()))
          .isEqualTo("keys_unavailable");
    }
  }

  @Test
  void theTimeOfTheFetchSurvivesSoThatAgeGoesOn() {
    Clock later =
        Clock.fixed(Clock.systemUTC().instant().plus(Duration.ofHours(23)), ZoneOffset.UTC);
    ManualTicker ticker = new ManualTicker();
    try (EntraTokenValidator second =
        fixture.validator().keyFile(file).clock(later).ticker(ticker).build()) {
      String token = fixture.token().issuedAt(later.instant()).mint();
      assertThat(EntraFixture.verdict(second, token)).isEqualTo("accepted");
      ticker.advance(Duration.ofHours(1));
      assertThat(EntraFixture.verdict(second, token)).isEqualTo("keys_unavailable");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----", "rwx------"})
  void aFileThatOthersMayTouchIsNotBelieved(String mode) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    assertNotBelieved();
  }

  @Test
  void aFileOfAnotherUserIsNotBelievedEvenByRoot() throws IOException {
    UserPrincipal nobody =
        file.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody");
    try {
      Files.setOwner(file, nobody);
    } catch (FileSystemException e) {
      // Only root may give a file away; for all others, the mode alone keeps them from reading it.
      assertThat(Files.getOwner(file)).isNotEqualTo(nobody);
      return;
    }
    assertNotBelieved();
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void aLinkIsNotFollowed() throws IOException {
    Path link = folder.resolve("link.json");
    Files.createSymbolicLink(link, file);
    try (EntraTokenValidator second = fixture.validator().keyFile(link).build()) {
      assertThat(verdict(second)).isEqualTo("keys_unavailable");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{}", "not json", "{\"keys\":[]}"})
  void aFileThatMakesNoSenseIsNotBelieved(String content) throws IOException {
    Files.writeString(file, content);
    assertNotBelieved();
  }

  @Test
  void keysOfAnotherAuthorityOrFromTheFutureAreNotBelieved() throws IOException {
    String good = Files.readString(file);
    Files.writeString(file, good.replace("https://localhost", "https://elsewhere"));
    assertNotBelieved();
    Files.writeString(file, good.replaceFirst("\"fetchedAt\":1", "\"fetchedAt\":9"));
    assertNotBelieved();
    for (String negative : List.of("-1", "-9000000000000000000")) {
      Files.writeString(file, good.replaceFirst("\"fetchedAt\":\\d+", "\"fetchedAt\":" + negative));
      assertNotBelieved();
    }
  }

  @Test
  void aFileThatCannotBeWrittenFailsNothing() {
    fixture.entra.heal();
    try (EntraTokenValidator validator =
        fixture.validator().keyFile(folder.resolve("no/such/folder/keys.json")).build()) {
      assertThat(verdict(validator)).isEqualTo("accepted");
    }
  }

  @Test
  void theNextFetchReplacesWhatWasRemembered() {
    fixture.entra.heal();
    fixture.entra.rotateKeys();
    try (EntraTokenValidator second = fixture.validator().keyFile(file).build()) {
      assertThat(verdict(second)).isEqualTo("accepted");
      await().until(() -> Files.readString(file).contains(fixture.entra.signingKey().kid()));
    }
  }

  private void assertNotBelieved() {
    try (EntraTokenValidator second = fixture.validator().keyFile(file).build()) {
      assertThat(verdict(second)).isEqualTo("keys_unavailable");
    }
  }

  private String unknownKid() {
    return fixture.token().header("kid", "unknown").mint();
  }

  private String verdict(EntraTokenValidator validator) {
    return EntraFixture.verdict(validator, fixture.token().mint());
  }
}
