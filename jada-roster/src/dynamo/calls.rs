//! Calls on the rows of their charters in DynamoDB.

mod wire;
