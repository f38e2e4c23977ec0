// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.ShutdownSignalException;
import org.jspecify.annotations.Nullable;

/** Says in one line why something of amqp-client ended. */
final class Causes {
  private Causes() {}

  /** The broker's code and text where it said any, else the innermost cause. */
  static String describe(Throwable thrown) {
    String innermost = thrown.toString();
    int depth = 0;
    for (@Nullable Throwable e = thrown; e != null && depth < 16; e = e.getCause(), depth++) {
      String said = e instanceof ShutdownSignalException signal ? said(signal) : null;
      if (said != null) {
        return said;
      }
      innermost = e.toString();
    }
    return innermost;
  }

  /** The broker's reply code. */
  static int code(Throwable thrown) {
    int depth = 0;
    for (@Nullable Throwable e = thrown; e != null && depth < 16; e = e.getCause(), depth++) {
      if (e instanceof ShutdownSignalException signal) {
        if (signal.getReason() instanceof AMQP.Channel.Close close) {
          return close.getReplyCode();
        }
        if (signal.getReason() instanceof AMQP.Connection.Close close) {
          return close.getReplyCode();
        }
      }
    }
    return 0;
  }

  private static @Nullable String said(ShutdownSignalException signal) {
    if (signal.getReason() instanceof AMQP.Channel.Close close) {
      return "channel closed, " + close.getReplyCode() + " " + close.getReplyText();
    }
    if (signal.getReason() instanceof AMQP.Connection.Close close) {
      return "connection closed, " + close.getReplyCode() + " " + close.getReplyText();
    }
    return null;
  }
}
