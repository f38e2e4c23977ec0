// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.client;

import com.trackunit.fabric.core.Secret;
import com.trackunit.fabric.samples.client.TrackunitClientException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A token that someone else keeps fresh in a file, read anew each time. A token is never an
 * argument: every user of a machine can read those.
 */
record TokenFile(Path path) implements TokenSource {
  private static final long LONGEST = 32 * 1024;

  @Override
  public Secret token(boolean renew) {
    try {
      String token = Files.size(path) > LONGEST ? "" : Files.readString(path).strip();
      if (!token.matches("[A-Za-z0-9._~+/=-]+")) {
        throw new TrackunitClientException(
            Reason.SIGN_IN,
            "token file " + path + ": expected nothing but one access token of at most 32 KiB");
      }
      return Secret.of(token);
    } catch (IOException e) {
      // Not the cause: what cannot be decoded as text might be quoted there.
      throw new TrackunitClientException(
          Reason.SIGN_IN,
          "token file " + path + ": cannot be read (" + e.getClass().getSimpleName() + ")");
    }
  }
}
