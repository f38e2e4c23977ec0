// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy.manifest;

import com.trackunit.fabric.core.FabricException;
import org.jspecify.annotations.Nullable;

/** A manifest that cannot be read; the message names file and line. */
public final class ManifestException extends FabricException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message file, line, what is wrong
   */
  public ManifestException(String message) {
    this(message, null);
  }

  ManifestException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  @Override
  public boolean isRetryable() {
    return false;
  }
}
