// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import org.jspecify.annotations.Nullable;

/**
 * A program that a node is made of is not on this machine; {@link #remedy()} says how to get it.
 */
public final class ToolMissingException extends TestkitException {
  private static final long serialVersionUID = 1L;

  private final String tool;
  private final String remedy;

  ToolMissingException(String tool, String seen, String remedy, @Nullable Throwable cause) {
    super(tool + " is missing: " + seen + ". " + remedy, cause);
    this.tool = tool;
    this.remedy = remedy;
  }

  /**
   * What is missing.
   *
   * @return the name of the program, such as {@code rabbitmq-server}
   */
  public String tool() {
    return tool;
  }

  /**
   * How to get it.
   *
   * @return a sentence for a person, such as one that names the command to run
   */
  public String remedy() {
    return remedy;
  }
}
