// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last good keys in a file, with the time of their fetch, so that a restart during an outage
 * finds them. Whoever may write it may sign tokens: it has mode 0600, and one that others may touch
 * is not read. What is wrong with it is logged and never fails a validation. Of one thread at a
 * time.
 */
final class KeyFile {
  private static final Logger log = LoggerFactory.getLogger(KeyFile.class);

  private static final int MAX_BYTES = 2 * 1024 * 1024;
  private static final Set<PosixFilePermission> OWNER_ONLY =
      EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

  /** The wall clock may have been set back a little since the file was written. */
  private static final Duration CLOCK_TOLERANCE = Duration.ofMinutes(5);

  private final Path file;
  private final URI source;
  private final SignatureRules rules;
  private final Clock clock;

  /**
   * Keys of an earlier life.
   *
   * @param age the time since they were fetched, by the wall clock
   */
  record Remembered(KeySet set, Duration age) {}

  /**
   * @param source the discovery document that the keys come from; those of another are not read
   * @param rules what keys may be for
   * @param clock tells the time of a fetch to the next life
   */
  KeyFile(Path file, URI source, SignatureRules rules, Clock clock) {
    this.file = file;
    this.source = source;
    this.rules = rules;
    this.clock = clock;
  }

  /** The keys that an earlier life left; null if there are none that may be believed. */
  @Nullable Remembered recall() {
    try {
      refuseIfOthersMayTouchIt();
      Map<String, @Nullable Object> content = read();
      if (!source.toString().equals(content.get("source"))) {
        throw new IOException("its keys come from another authority or tenant");
      }
      if (!(content.get("fetchedAt") instanceof Long fetchedAt && fetchedAt >= 0)
          || !(content.get("issuer") instanceof String issuer)) {
        throw new IOException("fetchedAt or issuer is missing");
      }
      Duration age = Duration.ofMillis(Math.subtractExact(clock.millis(), fetchedAt));
      if (age.compareTo(CLOCK_TOLERANCE.negated()) < 0) {
        throw new IOException("it was fetched in the future");
      }
      String cloud = content.get("cloud") instanceof String name ? name : null;
      KeySet set = KeySetReader.read(content.get("keys"), issuer, cloud, rules);
      return new Remembered(set, age.isNegative() ? Duration.ZERO : age);
    } catch (NoSuchFileException firstLife) {
      return null;
    } catch (IOException | ArithmeticException e) {
      log.warn("entra-keys: {} is not used: {}", file, e.getMessage());
      return null;
    }
  }

  /** Writes keys that have just been fetched, in one step. */
  void remember(KeySet set) {
    Path next = null;
    try {
      // A temporary file is its owner's alone from the first moment on.
      next = Files.createTempFile(directory(), ".keys", ".tmp");
      Files.writeString(next, json(set));
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      log.warn("entra-keys: {} cannot be written: {}", file, e.toString());
      deleteQuietly(next);
    }
  }

  private void refuseIfOthersMayTouchIt() throws IOException {
    PosixFileAttributeView view =
        Files.getFileAttributeView(file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    if (view == null) {
      return; // no such modes on this file system
    }
    PosixFileAttributes attributes = view.readAttributes();
    if (!attributes.isRegularFile() || !OWNER_ONLY.containsAll(attributes.permissions())) {
      throw new IOException(
          "expected a plain file of mode rw-------, found "
              + (attributes.isRegularFile() ? "mode " : "something else of mode ")
              + PosixFilePermissions.toString(attributes.permissions()));
    }
    if (!attributes.owner().equals(ownUser())) {
      throw new IOException(
          "expected a file of this process's own user, found one of " + attributes.owner());
    }
  }

  /** Who may read the files of all others, as root, shall not believe them. */
  private UserPrincipal ownUser() throws IOException {
    Path own = Files.createTempFile(directory(), ".keys", ".tmp");
    try {
      return Files.getOwner(own);
    } finally {
      deleteQuietly(own);
    }
  }

  private Path directory() {
    return Objects.requireNonNull(file.toAbsolutePath().getParent(), "keyFile: names no file");
  }

  private Map<String, @Nullable Object> read() throws IOException {
    if (Files.size(file) > MAX_BYTES) {
      throw new IOException("it has more than " + MAX_BYTES + " bytes");
    }
    try {
      return StrictJson.readObject(Files.readAllBytes(file));
    } catch (MalformedJsonException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private String json(KeySet set) {
    StringJoiner keys = new StringJoiner(",", "[", "]");
    set.keys().values().forEach(key -> keys.add(jwk(key)));
    StringJoiner content = new StringJoiner(",", "{", "}");
    add(content, "source", source.toString());
    content.add("\"fetchedAt\":" + clock.millis());
    add(content, "issuer", set.issuer());
    add(content, "cloud", set.cloud());
    return content.add("\"keys\":" + keys).toString();
  }

  private static String jwk(SigningKey key) {
    SignatureAlgorithm algorithm = key.algorithm();
    StringJoiner jwk = new StringJoiner(",", "{", "}");
    add(jwk, "kty", "RSA");
    add(jwk, "use", "sig");
    add(jwk, "kid", key.kid());
    add(jwk, "n", base64Url(key.publicKey().getModulus()));
    add(jwk, "e", base64Url(key.publicKey().getPublicExponent()));
    add(jwk, "alg", algorithm == null ? null : algorithm.name());
    add(jwk, "issuer", key.issuer());
    add(jwk, "cloud_instance_name", key.cloud());
    return jwk.toString();
  }

  private static void add(StringJoiner object, String name, @Nullable String value) {
    if (value != null) {
      object.add("\"" + name + "\":\"" + escaped(value) + "\"");
    }
  }

  private static String escaped(String text) {
    StringBuilder escaped = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\' || c < ' ') {
        escaped.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        escaped.append(c);
      }
    }
    return escaped.toString();
  }

  private static String base64Url(BigInteger number) {
    byte[] bytes = number.toByteArray();
    int sign = bytes[0] == 0 ? 1 : 0;
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(Arrays.copyOfRange(bytes, sign, bytes.length));
  }

  private static void deleteQuietly(@Nullable Path left) {
    try {
      if (left != null) {
        Files.deleteIfExists(left);
      }
    } catch (IOException e) {
      log.warn("entra-keys: {} is left behind: {}", left, e.toString());
    }
  }
}
