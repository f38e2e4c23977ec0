// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import java.net.URI;
import java.time.Instant;
import java.util.Objects;

/**
 * Leave to upload one photo. Whoever has {@link #putUrl} can write the object until it expires, so
 * {@link #toString} leaves out the URL's query, where the signature is. Immutable.
 *
 * @param uploadId what to confirm once the bytes are there
 * @param key the object's key in the store, {@code images/{yyyy}/{MM}/{dd}/{guid}.{ext}}
 * @param putUrl where to PUT the bytes, with the content type the upload was started with; https
 * @param expiresAt when the URL stops working
 */
public record Upload(String uploadId, String key, URI putUrl, Instant expiresAt) {
  /** Checks that every part is there. */
  public Upload {
    Objects.requireNonNull(uploadId, "uploadId");
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(putUrl, "putUrl");
    Objects.requireNonNull(expiresAt, "expiresAt");
  }

  @Override
  public String toString() {
    return "Upload[uploadId="
        + uploadId
        + ", key="
        + key
        + ", putUrl="
        + putUrl.getScheme()
        + "://"
        + putUrl.getHost()
        + putUrl.getRawPath()
        + "?***, expiresAt="
        + expiresAt
        + "]";
  }
}
